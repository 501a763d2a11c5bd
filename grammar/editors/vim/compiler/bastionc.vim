" Compiler file for bastionc: `:make` checks the file, mistakes go to the
" quickfix list. The form is that of `bastionc --diagnostics=short`.

if exists('current_compiler')
  finish
endif
let current_compiler = 'bastionc'

let s:program = get(g:, 'bastionc_program', 'bastionc')
execute 'CompilerSet makeprg=' . escape(s:program, ' \|"')
  \ . '\ check\ --diagnostics=short\ $*\ %:S'
CompilerSet errorformat=%f:%l:%c:\ %trror:\ %m,
  \%f:%l:%c:\ %tarning:\ %m,
  \%Ebastionc:\ error:\ %m,
  \%Wbastionc:\ warning:\ %m,
  \%-G%.%#
