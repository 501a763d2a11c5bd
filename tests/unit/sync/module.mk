UNIT_TESTS += \
  tests/unit/sync/test_bias.c \
  tests/unit/sync/test_deque.c \
  tests/unit/sync/test_inbox.c \
  tests/unit/sync/test_injector.c \
  tests/unit/sync/test_magazine.c \
  tests/unit/sync/test_mpscq.c \
  tests/unit/sync/test_parker.c
