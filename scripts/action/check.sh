#!/usr/bin/env bash
# Runs the gate for the action: annotations and summary for people, a JSON report and the verdict for later steps.
# Reads CHARTGATE_{PATH,CONFIG,BASE,PROFILE,FAIL_ON,POLICY,ATTEST} (lists one a line), GITHUB_BASE_REF, RUNNER_TEMP; writes GITHUB_OUTPUT.
set -euo pipefail

report="$RUNNER_TEMP/chartgate-report.json"
arguments=(--format github --format "json=$report")
[[ -z "${CHARTGATE_CONFIG:-}" ]] || arguments+=("--config=$CHARTGATE_CONFIG")
[[ -z "${CHARTGATE_BASE:-}" ]] || arguments+=("--base=$CHARTGATE_BASE")
# A pull request does not choose its own judge. Where its base was not fetched, HEAD is the merge that GitHub made of the two.
if [[ "${CHARTGATE_POLICY:-base}" == base && -n "${GITHUB_BASE_REF:-}" && -z "${CHARTGATE_CONFIG:-}" ]]; then
    base="refs/remotes/origin/$GITHUB_BASE_REF"
    git rev-parse --quiet --verify "$base" > /dev/null 2>&1 || base='HEAD^1'
    arguments+=("--policy-from=$base")
fi
[[ -z "${CHARTGATE_FAIL_ON:-}" ]] || arguments+=("--fail-on=$CHARTGATE_FAIL_ON")
if [[ -n "${CHARTGATE_ATTEST:-}" ]]; then
    mkdir -p "$(dirname "$CHARTGATE_ATTEST")"
    arguments+=("--attest=$CHARTGATE_ATTEST")
fi
while IFS= read -r profile; do
    [[ -z "$profile" ]] || arguments+=("--profile=$profile")
done <<< "${CHARTGATE_PROFILE:-}"
arguments+=(--)
while IFS= read -r path; do
    [[ -z "$path" ]] || arguments+=("$path")
done <<< "${CHARTGATE_PATH:-.}"

if [[ "$(git rev-parse --is-shallow-repository 2> /dev/null || true)" == true ]]; then
    echo "::notice title=chartgate::this is a shallow clone, in which earlier versions of a chart cannot be found; set \`fetch-depth: 0\` for actions/checkout"
fi

rm -f "$report"
code=0
chartgate check "${arguments[@]}" || code=$?
# A command line or configuration that is wrong leaves no report.
if [[ -f "$report" ]]; then
    echo "report=$report" >> "$GITHUB_OUTPUT"
fi
exit "$code"
