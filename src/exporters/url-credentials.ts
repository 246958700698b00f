/** User and password of a URL as they are meant, or undefined where their percent-encoding is broken. */
export function credentialsOf(url: URL): { user: string; password: string } | undefined {
  try {
    return {
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
    };
  } catch {
    return undefined;
  }
}
