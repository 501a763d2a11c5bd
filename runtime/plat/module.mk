# BSTI_SWITCH_UCONTEXT=1 and BSTI_FUTEX_FALLBACK=1, given as make variables,
# build the portable fallbacks where the fast versions would do.
ifneq ($(BSTI_SWITCH_UCONTEXT),)
CPPFLAGS += -DBSTI_SWITCH_UCONTEXT=$(BSTI_SWITCH_UCONTEXT)
endif
ifneq ($(BSTI_FUTEX_FALLBACK),)
CPPFLAGS += -DBSTI_FUTEX_FALLBACK=$(BSTI_FUTEX_FALLBACK)
endif
RUNTIME_SRCS += \
  runtime/plat/barrier.c \
  runtime/plat/cfi.c \
  runtime/plat/clock.c \
  runtime/plat/elfsym.c \
  runtime/plat/entropy.c \
  runtime/plat/fatal.c \
  runtime/plat/fault.c \
  runtime/plat/fd.c \
  runtime/plat/force.c \
  runtime/plat/force_return.S \
  runtime/plat/forked.c \
  runtime/plat/futex.c \
  runtime/plat/guard.c \
  runtime/plat/log.c \
  runtime/plat/longjmp.c \
  runtime/plat/numa.c \
  runtime/plat/plt.c \
  runtime/plat/probe.c \
  runtime/plat/quota.c \
  runtime/plat/report.c \
  runtime/plat/signals.c \
  runtime/plat/stack.c \
  runtime/plat/switch.c \
  runtime/plat/switch_aarch64.S \
  runtime/plat/switch_ucontext.c \
  runtime/plat/switch_x86_64.S \
  runtime/plat/symbol.c \
  runtime/plat/thread.c \
  runtime/plat/topo.c \
  runtime/plat/unwind.c \
  runtime/plat/unwind_known.c

# The runtime's code lies in a section of its own, by which unwind.c tells it
# from a user's.
define move_code
	$(Q)$(OBJCOPY) $(patsubst %,--rename-section %=bsti_text,.text \
	  .text.unlikely .text.unlikely. .text.hot .text.hot. .text.startup) $@
endef
OBJCOPY ?= objcopy
$(B)/obj/runtime/%.o: runtime/%.c $(B)/.flags
	$(compile)
	$(move_code)
$(B)/obj/runtime/%.o: runtime/%.S $(B)/.flags
	$(compile)
	$(move_code)
