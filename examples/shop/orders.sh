# The part of the demo that is about durable flows: an order comes in as a signed webhook and is done to its end,
# whatever happens meanwhile. Sourced by demo.sh, whose functions and variables it uses.

readonly hook_secret='a secret of the demo shop' # linkspan.yaml has it in base64, after whsec_
readonly orders=40 senders=8                     # of the kill

jq() { "$build/linkspan" jq "$@"; }
linkspan() { # a command of Linkspan, shown as a person would type it
  printf '  %s$ linkspan %s%s\n' "$dim" "$*" "$plain"
  "$build/linkspan" "$@" -c "$config" 2>&1 | sed 's/^/  /'
}

order_of() { # ID CUSTOMER TOKEN
  printf '{"id":"%s","customer":{"id":"%s","email":"ada@example.com"},"lines":[{"sku":"mug","qty":2,"price":1250}],' "$1" "$2"
  printf '"total":2500,"currency":"EUR","cardToken":"%s"}' "$3"
}

# The header fields of Standard Webhooks for a message, into $signature.
sign() { # ID BODY
  local at mac
  at=$(date +%s)
  mac=$(printf '%s.%s.%s' "$1" "$at" "$2" | openssl dgst -sha256 -hmac "$hook_secret" -binary | base64)
  signature=(-H "webhook-id: $1" -H "webhook-timestamp: $at" -H "webhook-signature: v1,$mac")
}

take_order() { # ID CUSTOMER TOKEN: sends it; $run is the run that it became
  local order
  order=$(order_of "$@")
  sign "m-$1" "$order"
  send "$gateway/hooks/shop/orders" -H 'Content-Type: application/json' "${signature[@]}" -d "$order"
  show
  run=$(jq -r '.run // empty' <<<"$body" 2>/dev/null || true)
}

status_of() { curl -s --max-time 5 "$admin/runs/$1" | jq -r .status 2>/dev/null || true; }
await() { # RUN STATUS: until it is so, for at most a minute; what it is in $is
  local deadline=$((SECONDS + 60))
  while is=$(status_of "$1") && [ "$is" != "$2" ] && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
}
effects() { # EXPRESSION: of the log that the systems keep of what was done to them
  curl -s --max-time 10 "$control/effects" | jq -r "[.effects[] | select(.effects > 0)] | $1"
}
reserved_mugs() { curl -s --max-time 5 "http://$(at stock1)/items/mug" | jq .reserved; }

an_order_is_done_to_its_end() {
  step "An order comes in as a signed webhook, and becomes a run of the flow order-intake"
  take_order o-paid c-1 tok-1
  expect "it is taken once it is on disk: 202" '[ "$status" = 202 ] && [ -n "$run" ]'
  await "$run" completed
  linkspan runs show "$run" | grep -v '^ \{13\}'
  expect "stock reserved, card charged, CRM told (in XML), mail sent" '[ "$is" = completed ] &&
    [ "$(effects "map(.operation) | [.[-4:][]] | sort | join(\" \")")" = "createCharge createReservation send upsertOrder" ]'
}

a_declined_card_frees_the_stock() {
  step "A declined card frees the stock"
  local before after
  before=$(reserved_mugs)
  take_order o-declined c-2 declined
  await "$run" undone
  after=$(reserved_mugs)
  expect "the run is undone, $after mugs are reserved as before" '[ "$is" = undone ] && [ "$before" = "$after" ]'
}

a_dead_crm_parks_the_run() {
  step "The CRM is dead when an order comes in"
  send -X POST "$control/down?system=crm"
  take_order o-parked c-3 tok-1
  await "$run" parked
  linkspan runs list --status parked
  expect "it was tried for two seconds; now the run is parked, and nothing of it is lost" '[ "$is" = parked ]'
  step "The CRM is back, and a person has the run go on"
  send -X POST "$control/up?system=crm"
  linkspan runs retry "$run" --by ada
  await "$run" completed
  expect "it is completed, and the card was charged once" '[ "$is" = completed ] &&
    [ "$(charges | jq "map(select(.reference == \"o-parked\")) | length")" = 1 ]'
}

charges() { curl -s --max-time 10 "http://$(at payments)/charges?limit=1000" | jq -c .data; }

# One of the shop's senders: as all senders of webhooks it sends a message until it hears of a 2xx.
deliver() { # NUMBER
  local i id order answer
  for ((i = $1; i < orders; i += senders)); do
    id=k-$i order=$(order_of "k-$i" "c-k$i" tok-1)
    until sign "m-$id" "$order" && answer=$(curl -s --fail --max-time 5 "$gateway/hooks/shop/orders" \
      -H 'Content-Type: application/json' "${signature[@]}" -d "$order"); do
      echo "$id" >>"$scratch/again"
      sleep 0.1
    done
    echo "$answer" >>"$scratch/acknowledged"
  done
}
acknowledged() { wc -l <"$scratch/acknowledged"; }

killed_while_orders_are_under_way() {
  step "$orders orders come in, charging takes 300 ms each, and Linkspan is killed in the middle of it"
  send -X POST "$control/faults?system=payments" -d '{"path":"/charges","latency_ms":300}'
  : >"$scratch/acknowledged"
  : >"$scratch/again"
  local i delivering=() deadline=$((SECONDS + 60)) before finished twice repeated
  for ((i = 0; i < senders; i++)); do
    deliver $i &
    delivering+=($!)
  done
  pids+=("${delivering[@]}")
  while [ "$(acknowledged)" -lt $((orders / 3)) ] && [ $SECONDS -lt $deadline ]; do sleep 0.02; done
  kill -9 "${pids[1]}"
  { wait "${pids[1]}" || true; } 2>/dev/null
  before=$(acknowledged)
  printf '  %s$ kill -9 %s%s   # Linkspan\n' "$dim" "${pids[1]}" "$plain"
  start_linkspan
  { wait "${delivering[@]}" || true; } 2>/dev/null
  while [ "$(curl -s --max-time 5 "$admin/runs?status=open" | jq '.runs | length')" != 0 ] && [ $SECONDS -lt $deadline ]; do
    sleep 0.2
  done
  send -X DELETE "$control/faults?system=payments"
  jq -r .run "$scratch/acknowledged" | sort >"$scratch/promised"
  curl -s --max-time 10 "$admin/runs?flow=order-intake&status=completed&limit=1000" | jq -r '.runs[].run' | sort >"$scratch/completed"
  finished=$(comm -12 "$scratch/promised" "$scratch/completed" | wc -l)
  twice=$(charges | jq '[group_by(.reference)[] | select(length > 1 and .[0].reference != "")] | length')
  repeated=$(effects 'map(select(.attempts > 1)) | length')
  cat <<END
  $before orders were acknowledged before the kill, $(($(acknowledged) - before)) after the restart; $(wc -l <"$scratch/again") messages had to be sent again
  $finished runs are completed; $repeated calls were made again after the restart, under the key of the first time
END
  expect "every acknowledged order is done" '[ "$(acknowledged)" = $orders ] && [ "$finished" = $orders ]'
  expect "each is charged: $orders charges for $orders orders" \
    '[ "$(charges | jq "map(select(.reference | startswith(\"k-\"))) | length")" = $orders ]'
  expect "nothing is charged twice, and no key had two effects" '[ "$twice" = 0 ] && [ "$(effects "map(.effects) | max")" = 1 ]'
}

durable_orders() {
  an_order_is_done_to_its_end
  a_declined_card_frees_the_stock
  a_dead_crm_parks_the_run
  killed_while_orders_are_under_way
}
