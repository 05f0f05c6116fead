# bash completion for patronus: asks the program itself what could come next.
# Use it with: source <(patronus completion bash)

_patronus() {
  local IFS=$' \t\n' cur piece rest trimmed quote='' prefix='' breaks line i
  local -a words=()
  COMPREPLY=()
  # bash divides words at '=' and ':', too, and keeps their quotes; the program does neither.
  rest=${COMP_LINE:0:COMP_POINT}
  for ((i = 0; i <= COMP_CWORD; i++)); do
    trimmed=${rest#"${rest%%[![:space:]]*}"}
    piece=${COMP_WORDS[i]}
    ((i == COMP_CWORD)) && piece=$trimmed
    if ((i == 0)) || [[ $trimmed != "$rest" ]]; then
      words+=("$piece")
    else
      words[${#words[@]} - 1]+=$piece
    fi
    rest=${trimmed#"$piece"}
  done
  for i in "${!words[@]}"; do
    piece=${words[i]}
    case $piece in
      \"*) quote=\" piece=${piece#\"} piece=${piece%\"} ;;
      \'*) quote=\' piece=${piece#\'} piece=${piece%\'} ;;
      *) quote='' piece=${piece//\\/} ;;
    esac
    words[i]=$piece
  done
  cur=${words[${#words[@]} - 1]}
  # Only what follows the last of these characters is replaced.
  breaks=${COMP_WORDBREAKS//[^=:]/}
  if [[ -z $quote && -n $breaks && $cur == *[$breaks]* ]]; then
    prefix=${cur%"${cur##*[$breaks]}"}
  fi
  while IFS= read -r line; do
    if [[ $line == $'\t:files' ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r piece; do
        COMPREPLY+=("$piece")
      done < <(compgen -f -- "${cur#--*=}")
    elif [[ -n $line ]]; then
      piece=${line%%$'\t'*}
      piece=${piece#"$prefix"}
      if [[ -z $quote ]]; then
        printf -v piece '%q' "$piece"
        piece=${piece//\\,/,} # a comma needs no backslash
      fi
      COMPREPLY+=("$piece")
    fi
  done < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)
}
complete -F _patronus patronus
