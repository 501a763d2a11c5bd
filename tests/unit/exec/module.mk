UNIT_TESTS += \
  tests/unit/exec/test_blocking.c \
  tests/unit/exec/test_contain.c \
  tests/unit/exec/test_exec.c \
  tests/unit/exec/test_jobs.c \
  tests/unit/exec/test_leave.c \
  tests/unit/exec/test_load.c \
  tests/unit/exec/test_monitor.c \
  tests/unit/exec/test_predict.c \
  tests/unit/exec/test_place.c \
  tests/unit/exec/test_quiet.c \
  tests/unit/exec/test_repin.c \
  tests/unit/exec/test_rescue.c \
  tests/unit/exec/test_seat.c \
  tests/unit/exec/test_sim.c \
  tests/unit/exec/test_slot.c \
  tests/unit/exec/test_task.c \
  tests/unit/exec/test_wheel.c
