// Plain geometry of the editor. A point is [x, y] in sheet pixels, where whole numbers are the middles of pixels.

// Whether a point lies inside a ring, by counting the edges to its right.
export function contains(ring, [x, y]) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [ax, ay] = ring[i];
    const [bx, by] = ring[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

export function bounds(points) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const [x, y] of points) {
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

// The points that a line needs to stay within `tolerance` of all points of `path` (Douglas and Peucker).
export function simplified(path, tolerance) {
  const kept = new Set([0, path.length - 1]);
  const spans = [[0, path.length - 1]];
  while (spans.length) {
    const [first, last] = spans.pop();
    let farthest = tolerance;
    let split = -1;
    for (let i = first + 1; i < last; i += 1) {
      const far = distanceToSegment(path[i], path[first], path[last]);
      if (far > farthest) [farthest, split] = [far, i];
    }
    if (split < 0) continue;
    kept.add(split);
    spans.push([first, split], [split, last]);
  }
  return path.filter((_, i) => kept.has(i));
}

function distanceToSegment([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const t = length ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

// Points along a line, at most `step` apart, its corners included.
export function walk(line, step) {
  const points = [line[0]];
  for (let i = 1; i < line.length; i += 1) {
    const [ax, ay] = line[i - 1];
    const [bx, by] = line[i];
    const parts = Math.max(1, Math.ceil(Math.hypot(bx - ax, by - ay) / step));
    for (let part = 1; part <= parts; part += 1) points.push([ax + ((bx - ax) * part) / parts, ay + ((by - ay) * part) / parts]);
  }
  return points;
}

export function drawn(points, isClosed = false) {
  return points.length ? `M${points.map(([x, y]) => `${short(x)} ${short(y)}`).join("L")}${isClosed ? "Z" : ""}` : "";
}

export function short(number) {
  return Math.round(number * 10) / 10;
}
