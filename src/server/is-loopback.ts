/** Whether only programs on this machine can reach a host: 127.0.0.0/8, ::1 or localhost. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}
