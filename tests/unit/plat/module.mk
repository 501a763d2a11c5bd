UNIT_TESTS += \
  tests/unit/plat/test_cfi.c \
  tests/unit/plat/test_fault.c \
  tests/unit/plat/test_futex.c \
  tests/unit/plat/test_log.c \
  tests/unit/plat/test_quota.c \
  tests/unit/plat/test_signals.c \
  tests/unit/plat/test_stack.c \
  tests/unit/plat/test_switch.c \
  tests/unit/plat/test_symbol.c \
  tests/unit/plat/test_thread.c \
  tests/unit/plat/test_topo.c
