using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Accepts the output formats of the AWS CLI, or an empty value. ValidateSet would reject an empty CSV column.</summary>
internal sealed class OutputFormatAttribute : ValidateArgumentsAttribute
{
    internal static readonly string[] Names = ["json", "yaml", "yaml-stream", "text", "table", "off"];

    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        if (GivenValue.IsEmpty(arguments) || Names.Contains($"{arguments}"))
            return;
        throw new ValidationMetadataException(
            $"'{Terminal.Escape($"{arguments}")}' is not an output format of the AWS CLI. Use one of: {string.Join(", ", Names)}."
        );
    }
}

/// <summary>Completes the output formats.</summary>
internal sealed class OutputFormatCompleter() : WordCompleter(OutputFormatAttribute.Names);
