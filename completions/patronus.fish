# fish completion for patronus: asks the program itself what could come next.
# Put it into ~/.config/fish/completions/patronus.fish

function __patronus_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    $words[1] __complete -- $words[2..-1] $current 2>/dev/null
end

complete -c patronus -f -a '(__patronus_complete)'
for name in db config socket file state-dir since-last
    complete -c patronus -l $name -r -F
end
