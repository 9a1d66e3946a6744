#!/bin/sh
# Creates the namespace and missing search attributes. Safe to run again.
set -eu

: "${TEMPORAL_ADDRESS:?}" "${TEMPORAL_NAMESPACE:?}" "${RETENTION:?}"
ATTRIBUTES='HrflowConnector HrflowAction HrflowState HrflowOutcome HrflowAccount'

# The frontend responds before the namespace can be written. A minute is far more than it needs.
tries=0
until temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"; do
  tries=$((tries + 1))
  if [ "$tries" -ge 30 ]; then
    echo "the namespace $TEMPORAL_NAMESPACE could not be created" >&2
    exit 1
  fi
  sleep 2
done

present=$(temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE")
for name in $ATTRIBUTES; do
  case $present in
    *"$name"*) ;;
    *) temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type Keyword ;;
  esac
done
