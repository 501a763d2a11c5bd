# build/tests/fuzz/mutate: damaged programs in the process of the compiler.
FUZZ_OBJS := $(call obj,tests/fuzz/mutate.c tests/fuzz/oracle.c)
$(B)/tests/fuzz/mutate: $(FUZZ_OBJS) $(B)/libbastionc.a
	@mkdir -p $(@D)
	@echo "  LD   $@"
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(COMPILER_LIBS)
ifneq ($(filter asan cov,$(MODE)),)
test-programs: $(B)/tests/fuzz/mutate
endif

# Programs for libFuzzer; only clang makes them, with MODE=fuzz.
FUZZ_TARGETS := lexer parser compiler lsp
FUZZ_TARGET_OBJS := $(call obj,$(FUZZ_TARGETS:%=tests/fuzz/fuzz_%.c))
$(B)/tests/fuzz/fuzz_%: $(B)/obj/tests/fuzz/fuzz_%.o \
  $(B)/obj/tests/fuzz/oracle.o $(B)/libbastionc.a
	@mkdir -p $(@D)
	@echo "  LD   $@"
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ \
	  $(COMPILER_LIBS)
fuzz-programs: $(FUZZ_TARGETS:%=$(B)/tests/fuzz/fuzz_%)
build-fuzz:
	+$(Q)if command -v clang >/dev/null; then \
	  $(MAKE) CC=clang MODE=fuzz fuzz-programs; fi
test: build-fuzz

$(FUZZ_OBJS) $(FUZZ_TARGET_OBJS): INCLUDES := -Icompiler -Itests -I$(B)/grammar
$(FUZZ_OBJS) $(FUZZ_TARGET_OBJS): | $(COMPILER_GEN)
-include $(patsubst %.o,%.d,$(FUZZ_OBJS) $(FUZZ_TARGET_OBJS))
.PHONY: fuzz-programs build-fuzz
