/// The program and all that it uses, as one module: what of the JDK goes into the run time image.
module dev.patronus {
  requires java.logging;
  requires java.sql;
  // The peer's credentials on the control socket.
  requires jdk.net;
  // The daemon's metrics and health pages.
  requires jdk.httpserver;
  // Webhooks of alerts.
  requires java.net.http;
  // Names in the certificate of a hub.
  requires java.naming;
  // Refused, but named by the driver of PostgreSQL.
  requires java.security.jgss;
  // Signals: the daemon reloads on HUP and ends with a last snapshot on TERM.
  requires jdk.unsupported;

  // JDBI and the SQLite driver log through slf4j.
  uses org.slf4j.spi.SLF4JServiceProvider;

  provides org.slf4j.spi.SLF4JServiceProvider with
      org.slf4j.nop.NOPServiceProvider;
}
