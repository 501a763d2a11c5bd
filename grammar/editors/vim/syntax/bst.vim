" Vim syntax file for .bst files, which bastionc compiles to C.
" The words come from the tables of the compiler; tests/editors compares them.

if exists('b:current_syntax')
  finish
endif

syn include @bstC syntax/c.vim
" These would take the brace that ends a block of C.
syn cluster bstC remove=cCurlyError,cBlock
unlet! b:current_syntax
syn case match
syn iskeyword @,48-57,_

" ---- words -----------------------------------------------------------------

syn keyword bstKeyword actor args as asks at blocking children cluster dynamic
syn keyword bstKeyword enum every idle import keep listen message node on
syn keyword bstKeyword outside persist ref run sends spawns state stream
syn keyword bstKeyword struct supervisor union use within

syn keyword bstType bool bytes f32 f64 fd i16 i32 i64 i8 text u16 u32 u64 u8

" Settings, and messages of the language itself, are words in their places.
syn match bstSetting "\%(\%(^\|[{;]\)\s*\)\@<=\%(args\|auto_shutdown\|backoff\|buffer\|dead\|dispatch\|distributor\|faults\|gossip\|heartbeat\|isolate\|lifetime\|mailbox\|max\|memory\|overflow\|persist\|pin\|prefix\|priority\|redeliver\|redundancy\|resize\|restart\|shutdown\|significant\|stack\|stash\|store\|suspect\)\>\ze\%(\s*{\)\@!"
syn match bstEvent "\%(\<on\s\+\)\@<=\%(demand\|down\|restart\|start\|stop\)\>"
syn match bstHook "\%(\<on\s\+\)\@<=\%(after_restart\|after_start\|after_stop\|before_restart\|before_start\|failure\)\>"
syn match bstStrategy "\%(:\s*\)\@<=\%(one[-_]for[-_]one\|one[-_]for[-_]all\|rest[-_]for[-_]one\)\>"

" ---- names, numbers, texts -------------------------------------------------

syn match bstFunction "\%(=!\?>\s*\)\@<=\h\w*\ze\s*;"
syn match bstTarget "\h\w*\.\h\w*" contains=bstDot
syn match bstDot "\." contained
syn match bstNumber "\<\d[0-9A-Za-z_.]*%\?"
syn region bstString start=+"+ skip=+\\.+ end=+"+ end=+$+ contains=bstEscape
syn match bstEscape "\\." contained
syn match bstHeader "\%(\<use\s*\)\@<=<[^>]*>"
syn match bstArrow "=>\|=!>\|\~>"
syn match bstBroadcast "#\ze\h"

" ---- C ---------------------------------------------------------------------

syn region bstRaw matchgroup=bstArrow start="\%(=!\?>\)\@<=\_s*{" end="}"
  \ contains=@bstC,bstRawInner fold
syn region bstRaw matchgroup=bstKeyword start="^\s*c\_s*{" end="}"
  \ contains=@bstC,bstRawInner fold
syn region bstRawInner start="{" end="}" contained transparent
  \ contains=@bstC,bstRawInner

" ---- comments --------------------------------------------------------------

syn match bstComment "//.*$" contains=@Spell
syn match bstDoc "///[^/].*$" contains=@Spell
syn region bstComment start="/\*" end="\*/" contains=@Spell fold

syn sync minlines=200

hi def link bstKeyword Keyword
hi def link bstType Type
hi def link bstEvent Constant
hi def link bstHook Constant
hi def link bstSetting PreProc
hi def link bstStrategy Constant
hi def link bstFunction Function
hi def link bstTarget Identifier
hi def link bstNumber Number
hi def link bstString String
hi def link bstEscape SpecialChar
hi def link bstHeader String
hi def link bstArrow Operator
hi def link bstBroadcast Operator
hi def link bstComment Comment
hi def link bstDoc SpecialComment

let b:current_syntax = 'bst'
