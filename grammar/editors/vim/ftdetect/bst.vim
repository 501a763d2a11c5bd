autocmd BufRead,BufNewFile *.bst setfiletype bst
