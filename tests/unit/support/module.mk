TEST_SUPPORT += \
  tests/unit/support/box.c \
  tests/unit/support/echo.c \
  tests/unit/support/puppet.c \
  tests/unit/support/rig.c
