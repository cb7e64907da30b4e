// Logs: one JSON object per line on stderr. Standard output holds the port and nothing else.

export function logger(scrub = (text) => text, write = (line) => process.stderr.write(line)) {
  return (level, event, fields = {}) => {
    const record = { time: new Date().toISOString(), level, event };
    for (const [key, value] of Object.entries(fields)) record[key] = typeof value === "string" ? scrub(value) : value;
    write(`${JSON.stringify(record)}\n`);
  };
}

// The grid's libraries print what they do, keys included, to the console of this process.
export function silenceConsole() {
  for (const method of ["log", "info", "debug", "warn", "error", "trace", "table"]) console[method] = () => {};
}
