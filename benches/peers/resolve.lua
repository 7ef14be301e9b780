-- Asks /v1/resolve for points drawn from a file by a fixed generator; says in JSON what came of it.
local points, state = {}, 88172645

function init(args)
  local limit = 200000
  for line in io.lines(args[1]) do
    local lon, lat = line:match("^([%d.]+),([%d.]+)$")
    if lon then points[#points + 1] = "/v1/resolve?lon=" .. lon .. "&lat=" .. lat .. "&crs=cgcs2000" end
    if #points == limit then break end
  end
end

-- The minimal standard generator (Park and Miller 1988), exact in doubles: every run asks the same.
function request()
  state = (state * 16807) % 2147483647
  return wrk.format("GET", points[math.floor(state / 2147483647 * #points) + 1])
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.3f,"per_second":%.1f,"bytes_each":%.0f,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, summary.requests / summary.duration * 1e6, summary.bytes / summary.requests,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
