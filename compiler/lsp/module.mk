COMPILER_SRCS += compiler/lsp/docs.c
COMPILER_SRCS += compiler/lsp/frame.c
COMPILER_SRCS += compiler/lsp/importers.c
COMPILER_SRCS += compiler/lsp/position.c
COMPILER_SRCS += compiler/lsp/uri.c
COMPILER_SRCS += compiler/lsp/wire.c
