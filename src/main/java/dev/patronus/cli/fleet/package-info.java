/// `patronus fleet`: makes a hub, lets gateways send to it, and looks after it.
///
/// In: arguments, the setting `fleet`. Out: tables. Never knows: the SQL of the hub.
@NullMarked
package dev.patronus.cli.fleet;

import org.jspecify.annotations.NullMarked;
