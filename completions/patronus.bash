# bash completion for patronus: asks the program itself what could come next.
# Use it with: source <(patronus completion bash)

_patronus() {
  local cur words cword line IFS=$'\n'
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n =: cur words cword
  else
    cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
  fi
  COMPREPLY=()
  while read -r line; do
    [ -n "$line" ] && COMPREPLY+=("$(printf '%q' "${line%%$'\t'*}")")
  done < <("${words[0]}" __complete -- "${words[@]:1:cword}" 2>/dev/null)
  if [ ${#COMPREPLY[@]} -eq 0 ]; then
    case ${words[cword - 1]} in
      --db | --config | --socket | --file | --state-dir | --since-last) compopt -o default ;;
    esac
  elif declare -F __ltrim_colon_completions >/dev/null; then
    __ltrim_colon_completions "$cur"
  fi
}
complete -F _patronus patronus
