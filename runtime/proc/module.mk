RUNTIME_SRCS += runtime/proc/arena.c
RUNTIME_SRCS += runtime/proc/proc.c
RUNTIME_SRCS += runtime/proc/wait.c
