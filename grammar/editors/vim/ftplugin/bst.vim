" Settings for .bst files.

if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=//\ %s comments=s1:/*,mb:*,ex:*/,:///,://
setlocal expandtab shiftwidth=4 softtabstop=4
setlocal cindent cinoptions=L0,l1 suffixesadd=.bst,.h include=^\\s*\\(import\\\|use\\)
setlocal formatoptions-=t formatoptions+=croql
compiler bastionc

let b:undo_ftplugin = 'setlocal commentstring< comments< expandtab< '
  \ . 'shiftwidth< softtabstop< cindent< cinoptions< suffixesadd< include< '
  \ . 'formatoptions< makeprg< errorformat<'
