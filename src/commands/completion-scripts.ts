// Each script asks the program itself, so it never goes stale: `agent-strace __complete -- <words>`.

/** Bash 3.2 and newer. It splits words at "=", so the script joins them again and strips the part before it. */
const BASH = `# Completion of agent-strace for bash. Put this into ~/.bashrc:
#   eval "$(agent-strace completion bash)"
_agent_strace() {
  local words index word count=0 line prefix=
  words=()
  for ((index = 1; index <= COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if ((count > 0)) && [[ \${words[count - 1]} == --* ]] && [[ $word == = || \${words[count - 1]} == *= ]]; then
      words[count - 1]+=$word
    else
      words[count]=$word
      count=$((count + 1))
    fi
  done
  word=\${words[count - 1]}
  [[ $word == --*=* ]] && prefix=\${word%%=*}=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == @files ]]; then
      compopt -o default 2>/dev/null
      return 0
    fi
    line=\${line%%$'\\t'*}
    line=\${line#"$prefix"}
    COMPREPLY+=("$(printf %q "$line")")
  done < <("$1" __complete -- "\${words[@]}" 2>/dev/null)
}
complete -F _agent_strace agent-strace
`;

const ZSH = `#compdef agent-strace
# Completion of agent-strace for zsh. Put this into ~/.zshrc, after compinit:
#   eval "$(agent-strace completion zsh)"
_agent-strace() {
  local line about
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == @files ]]; then
      compset -P '--*='
      _files
      return
    fi
    about=\${line#*$'\\t'}
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}\${about:+:$about}")
  done < <("\${words[1]}" __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  _describe 'agent-strace' candidates
}
if [[ $funcstack[1] == _agent-strace ]]; then
  _agent-strace "$@"
else
  compdef _agent-strace agent-strace
fi
`;

const FISH = `# Completion of agent-strace for fish. Put this into ~/.config/fish/config.fish:
#   agent-strace completion fish | source
function __agent_strace_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -e words[1]
    set -l lines (agent-strace __complete -- $words "$current" 2>/dev/null)
    if test "$lines[1]" = @files
        set -l flag (string match -r -- '^--[^=]+=' "$current")
        set -l path (string replace -r -- '^--[^=]+=' '' "$current")
        string replace -r -- '^' "$flag" (__fish_complete_path "$path")
    else
        printf '%s\\n' $lines
    end
end
complete -c agent-strace -f -a '(__agent_strace_complete)'
`;

/** By name of the shell. */
export const COMPLETION_SCRIPTS: Readonly<Record<string, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
};
