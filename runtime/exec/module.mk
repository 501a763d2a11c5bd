RUNTIME_SRCS += runtime/exec/exec.c
RUNTIME_SRCS += runtime/exec/load.c
RUNTIME_SRCS += runtime/exec/steal.c
RUNTIME_SRCS += runtime/exec/task.c
RUNTIME_SRCS += runtime/exec/timer.c
RUNTIME_SRCS += runtime/exec/wheel.c
RUNTIME_SRCS += runtime/exec/worker.c
