RUNTIME_SRCS += \
  runtime/sync/bias.c \
  runtime/sync/deque.c \
  runtime/sync/injector.c \
  runtime/sync/magazine.c \
  runtime/sync/mpscq.c \
  runtime/sync/parker.c
