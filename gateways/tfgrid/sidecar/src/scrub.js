// Takes secrets out of texts. The library puts whole deployments (with private keys and the user's
// environment) into its error messages, so nothing of it leaves this process unscrubbed.

const longest = 600;

export function scrubber(secrets = []) {
  const known = secrets.filter((secret) => secret && secret.length >= 8);
  return (text) => {
    let clean = String(text);
    for (const secret of known) clean = clean.split(secret).join("[secret]");
    clean = clean
      .split("\n")
      .map((line) => line.replace(/,? ?payload: .*? due to (?=[^"{}]*$)/, " due to ").replace(/,? ?payload: .*$/, ""))
      .join("\n");
    clean = clean
      .replace(/0x[0-9a-fA-F]{64,}/g, "[hex]")
      .replace(/\b[0-9a-fA-F]{64,}\b/g, "[hex]")
      .replace(/[A-Za-z0-9+/]{43}=/g, "[key]")
      .replace(/\s+/g, " ")
      .trim();
    return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
  };
}
