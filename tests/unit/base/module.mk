UNIT_TESTS += \
  tests/unit/base/test_alloc.c \
  tests/unit/base/test_assert.c \
  tests/unit/base/test_config.c \
  tests/unit/base/test_duration.c \
  tests/unit/base/test_line.c \
  tests/unit/base/test_list.c \
  tests/unit/base/test_rand.c \
  tests/unit/base/test_status.c
