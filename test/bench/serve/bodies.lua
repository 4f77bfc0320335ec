-- Sends the bodies of a file in turn. Arguments: file, path, content type, and the length of the JSON before binary tensors or "-".
local bodies, at = {}, 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local headers = { ["content-type"] = arguments[3] }
  if arguments[4] ~= "-" then headers["inference-header-content-length"] = arguments[4] end
  while true do
    local length = file:read("n")
    if not length then break end
    file:read(1)
    bodies[#bodies + 1] = wrk.format("POST", arguments[2], headers, file:read(length))
  end
  file:close()
end

function request()
  at = at % #bodies + 1
  return bodies[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%f,"failed":%d,"p50":%f,"p99":%f,"p999":%f}\n',
    summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency:percentile(99.9) / 1000
  ))
end
