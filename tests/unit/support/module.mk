TEST_SUPPORT += \
  tests/unit/support/box.c \
  tests/unit/support/echo.c \
  tests/unit/support/puppet.c \
  tests/unit/support/rig.c \
  tests/unit/support/rig_run.c \
  tests/unit/support/telling.c
