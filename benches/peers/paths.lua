-- Asks for the paths of a list, drawn by a fixed generator; says in JSON what came of it.
-- wrk ... -- LIST: a file with a path a line.
local paths, state = {}, 88172645

function init(args)
  for line in io.lines(args[1]) do
    paths[#paths + 1] = line
  end
end

-- The minimal standard generator (Park and Miller 1988), exact in doubles: every peer is asked the same.
function request()
  state = (state * 16807) % 2147483647
  return wrk.format("GET", paths[math.floor(state / 2147483647 * #paths) + 1])
end

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "summary.lua")
