-- Asks for tiles of one zoom drawn from a list by a fixed generator; says in JSON what came of it.
-- wrk ... -- LIST PATH: a file with a line `z x y` a tile, and the path with three %d in that order.
local paths, state = {}, 88172645

function init(args)
  for line in io.lines(args[1]) do
    local z, x, y = line:match("^(%d+) (%d+) (%d+)$")
    paths[#paths + 1] = string.format(args[2], z, x, y)
  end
end

-- The minimal standard generator (Park and Miller 1988), exact in doubles: every peer is asked the same.
function request()
  state = (state * 16807) % 2147483647
  return wrk.format("GET", paths[math.floor(state / 2147483647 * #paths) + 1])
end

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "summary.lua")
