STRESS_TESTS += \
  tests/stress/ask.c \
  tests/stress/blocking.c \
  tests/stress/deque.c \
  tests/stress/inbox.c \
  tests/stress/injector.c \
  tests/stress/magazine.c \
  tests/stress/mpscq.c \
  tests/stress/overflow.c \
  tests/stress/parker.c \
  tests/stress/payload.c \
  tests/stress/repin.c \
  tests/stress/restart.c \
  tests/stress/slot.c \
  tests/stress/spawn.c \
  tests/stress/stack.c \
  tests/stress/stop.c \
  tests/stress/switch.c \
  tests/stress/task.c \
  tests/stress/tell.c \
  tests/stress/wait.c
