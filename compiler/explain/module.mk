# What `bastionc explain` prints is compiled in; the pages are the only source.
EXPLAIN_PAGES := $(sort $(wildcard compiler/explain/*.md))
COMPILER_GEN += $(B)/grammar/explain_pages.c

$(B)/grammar/explain_pages.c: compiler/explain/embed.sh $(EXPLAIN_PAGES)
	@mkdir -p $(@D)
	@echo "  PAGES $@"
	$(Q)compiler/explain/embed.sh $(EXPLAIN_PAGES) > $@
