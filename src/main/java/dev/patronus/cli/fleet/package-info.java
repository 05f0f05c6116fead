/// `patronus fleet`: makes a hub, lets gateways send to it, and looks after it.
///
/// In: arguments, the setting `fleet`. Out: tables. Never knows: the SQL of the hub.
package dev.patronus.cli.fleet;
