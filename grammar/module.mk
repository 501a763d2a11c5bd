# The lexer and the parser are generated into the build folder; conflicts in
# the grammar and warnings of re2c fail the build.
COMPILER_GEN += $(B)/grammar/bst.c
COMPILER_GEN += $(B)/grammar/bst_lex.c

$(B)/grammar/bst_lex.c: grammar/bst.re
	@mkdir -p $(@D)
	@echo "  RE2C $@"
	$(Q)re2c -W -Werror -i -o $@ $<

$(B)/grammar/bst.c: grammar/bst.y
	@mkdir -p $(@D)
	@echo "  LEMON $@"
	$(Q)lemon -l -d$(@D) $<

include grammar/editors/module.mk
