UNIT_TESTS += \
  tests/unit/proc/test_arena.c \
  tests/unit/proc/test_proc.c \
  tests/unit/proc/test_wait.c
