UNIT_TESTS += \
  tests/unit/sup/test_again.c \
  tests/unit/sup/test_admin.c \
  tests/unit/sup/test_backoff.c \
  tests/unit/sup/test_callbacks.c \
  tests/unit/sup/test_callbacks_pairs.c \
  tests/unit/sup/test_callbacks_told.c \
  tests/unit/sup/test_crowd.c \
  tests/unit/sup/test_decide.c \
  tests/unit/sup/test_fault_kinds.c \
  tests/unit/sup/test_life.c \
  tests/unit/sup/test_fort.c \
  tests/unit/sup/test_orphan.c \
  tests/unit/sup/test_otp.c \
  tests/unit/sup/test_restart.c \
  tests/unit/sup/test_scale.c \
  tests/unit/sup/test_significant.c \
  tests/unit/sup/test_stop.c \
  tests/unit/sup/test_strategy.c \
  tests/unit/sup/test_supervisor.c \
  tests/unit/sup/test_system.c \
  tests/unit/sup/test_window.c
