/** A pod with this label, set to "true", may call the service: its NetworkPolicy lets it in, from every namespace. */
export function clientLabel(service: string): string {
  return `kassa-client-${service}`;
}
