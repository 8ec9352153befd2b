#!/usr/bin/env bash
# Runs the gate for the action: annotations and summary for people, a JSON report and the verdict for later steps.
# Reads CHARTGATE_{PATH,CONFIG,BASE,PROFILE,FAIL_ON,POLICY,SELECT,IGNORE,CHANGED,OFFLINE,BASELINE,SARIF,FORMATS,ATTEST} (lists one a line),
# GITHUB_BASE_REF, RUNNER_TEMP; writes GITHUB_OUTPUT.
set -euo pipefail

report="$RUNNER_TEMP/chartgate-report.json"
arguments=(--format github --format "json=$report")

# A file to write, with the folder that it goes to.
target() {
    mkdir -p "$(dirname "$1")"
    rm -f "$1"
}
# The lines of a list, without the white space around them.
lines() {
    local line
    while IFS= read -r line; do
        line="${line#"${line%%[![:space:]]*}"}"
        line="${line%"${line##*[![:space:]]}"}"
        [[ -z "$line" ]] || printf '%s\n' "$line"
    done <<< "$1"
}
option() { [[ -z "$2" ]] || arguments+=("$1=$2"); }
flag() {
    case "$2" in
        true) arguments+=("$1") ;;
        "" | false) ;;
        *)
            echo "::error title=chartgate::\`${1#--}\` is neither true nor false"
            exit 2
            ;;
    esac
}

option --config "${CHARTGATE_CONFIG:-}"
option --base "${CHARTGATE_BASE:-}"
# A pull request does not choose its own judge. Where its base was not fetched, HEAD is the merge that GitHub made of the two.
if [[ "${CHARTGATE_POLICY:-base}" == base && -n "${GITHUB_BASE_REF:-}" ]]; then
    base="refs/remotes/origin/$GITHUB_BASE_REF"
    git rev-parse --quiet --verify "$base" > /dev/null 2>&1 || base='HEAD^1'
    arguments+=("--policy-from=$base")
fi
option --fail-on "${CHARTGATE_FAIL_ON:-}"
option --select "${CHARTGATE_SELECT:-}"
option --ignore "${CHARTGATE_IGNORE:-}"
option --baseline "${CHARTGATE_BASELINE:-}"
flag --changed "${CHARTGATE_CHANGED:-}"
flag --offline "${CHARTGATE_OFFLINE:-}"
if [[ -n "${CHARTGATE_SARIF:-}" ]]; then
    target "$CHARTGATE_SARIF"
    arguments+=("--format=sarif=$CHARTGATE_SARIF")
fi
while IFS= read -r format; do
    [[ "$format" != *=* ]] || target "${format#*=}"
    [[ -z "$format" ]] || arguments+=("--format=$format")
done <<< "$(lines "${CHARTGATE_FORMATS:-}")"
if [[ -n "${CHARTGATE_ATTEST:-}" ]]; then
    target "$CHARTGATE_ATTEST"
    arguments+=("--attest=$CHARTGATE_ATTEST")
fi
while IFS= read -r profile; do
    [[ -z "$profile" ]] || arguments+=("--profile=$profile")
done <<< "$(lines "${CHARTGATE_PROFILE:-}")"
# The folders and packages that a pattern fits, as files beside them are no charts. A pattern that nothing fits is a path that does not
# exist, which the gate refuses.
fitting() {
    local IFS= path found=()
    # The bash of macOS is 3.2, which has no `**`.
    if [[ "$1" == *'**'* ]] && ! shopt -s globstar 2> /dev/null; then
        echo "::error title=chartgate::\`**\` in \`path\` needs bash 4, and this runner has $BASH_VERSION; name the folders with one \`*\` for each level"
        exit 2
    fi
    for path in $1; do
        if [[ -d "$path" || "$path" == *.tgz ]]; then found+=("$path"); fi
    done
    if [[ ${#found[@]} == 0 ]]; then found=("$1"); fi
    arguments+=("${found[@]}")
}

arguments+=(--)
while IFS= read -r path; do
    case "$path" in
        "") ;;
        *[*?]*) fitting "$path" ;;
        *) arguments+=("$path") ;;
    esac
done <<< "$(lines "${CHARTGATE_PATH:-.}")"

if [[ "$(git rev-parse --is-shallow-repository 2> /dev/null || true)" == true ]]; then
    echo "::notice title=chartgate::this is a shallow clone, in which earlier versions of a chart cannot be found; set \`fetch-depth: 0\` for actions/checkout"
fi

rm -f "$report"
code=0
said="$RUNNER_TEMP/chartgate-said"
chartgate check "${arguments[@]}" 2> "$said" || code=$?
cat "$said" >&2
# A command line or configuration that is wrong leaves no report: what was said becomes the annotation.
if [[ "$code" == 2 && -s "$said" ]]; then
    message="$(head -c 4000 "$said")"
    message="${message//'%'/%25}"
    message="${message//$'\r'/%0D}"
    echo "::error title=chartgate::${message//$'\n'/%0A}"
fi
[[ ! -f "$report" ]] || echo "report=$report" >> "$GITHUB_OUTPUT"
# Later steps run in other folders than this one.
if [[ -n "${CHARTGATE_SARIF:-}" && -f "$CHARTGATE_SARIF" ]]; then
    [[ "$CHARTGATE_SARIF" == /* ]] || CHARTGATE_SARIF="$PWD/$CHARTGATE_SARIF"
    echo "sarif=$CHARTGATE_SARIF" >> "$GITHUB_OUTPUT"
fi
exit "$code"
