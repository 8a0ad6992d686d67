#!/bin/sh
# Runs a CUDA compiler: what ptxas says about each kernel's registers, shared memory and spills goes
# into a file beside the object, and everything else to standard error.
object=
previous=
for argument in "$@"; do
  [ "$previous" != -o ] || object=$argument
  previous=$argument
done
report=$object.ptxas
"$@" 2>"$report"
status=$?
grep -v -e '^ptxas info' -e '^ *[0-9]* bytes stack frame' "$report" >&2
exit $status
