RUNTIME_SRCS += \
  runtime/base/alloc.c \
  runtime/base/assert.c \
  runtime/base/config.c \
  runtime/base/duration.c \
  runtime/base/line.c \
  runtime/base/status.c
