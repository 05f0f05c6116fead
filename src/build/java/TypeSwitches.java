import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// What [java.lang.runtime.SwitchBootstraps#typeSwitch] does for labels that are types: one
/// `instanceof` after the other.
final class TypeSwitches {

  private static final ClassDesc BOOTSTRAPS = ClassDesc.of("java.lang.runtime.SwitchBootstraps");

  private TypeSwitches() {}

  /// Code for the parameters (value, label to begin with), which gives the first label that fits,
  /// the number of labels if none does, -1 for null. Empty for calls of other kinds.
  static Optional<Consumer<CodeBuilder>> body(InvokeDynamicInstruction call) {
    boolean isSwitchOverTypes =
        call.bootstrapMethod().owner().equals(BOOTSTRAPS)
            && call.bootstrapMethod().methodName().equals("typeSwitch")
            && call.bootstrapArgs().stream().allMatch(ClassDesc.class::isInstance);
    if (!isSwitchOverTypes) {
      return Optional.empty();
    }
    List<ClassDesc> labels = call.bootstrapArgs().stream().map(ClassDesc.class::cast).toList();
    return Optional.of(code -> write(code, labels));
  }

  private static void write(CodeBuilder code, List<ClassDesc> labels) {
    Label something = code.newLabel();
    code.aload(0).ifnonnull(something).iconst_m1().ireturn().labelBinding(something);
    for (int i = 0; i < labels.size(); i++) {
      Label next = code.newLabel();
      code.iload(1).loadConstant(i).if_icmpgt(next);
      code.aload(0).instanceOf(labels.get(i)).ifeq(next);
      code.loadConstant(i).ireturn();
      code.labelBinding(next);
    }
    code.loadConstant(labels.size()).ireturn();
  }
}
