# fish completion for patronus: asks the program itself what could come next.
# Put it into ~/.config/fish/completions/patronus.fish

function __patronus_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    # An open quote is the shell's.
    set -l typed (string unescape -- $current); or set typed (string replace -r "^['\"]" "" -- $current)
    for line in ($words[1] __complete -- $words[2..-1] $typed 2>/dev/null)
        if test "$line" = \t:files
            set -l option (string match -r '^--[^=]*=' -- $current)
            for path in (__fish_complete_path (string replace -r '^--[^=]*=' '' -- $current))
                echo "$option$path" # quoted: without an option the list is empty
            end
        else
            echo $line
        end
    end
end

complete -c patronus -f -a '(__patronus_complete)'
