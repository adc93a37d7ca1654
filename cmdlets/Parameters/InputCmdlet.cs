using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Reflection;

namespace RoleCredentials;

/// <summary>A cmdlet whose parameters come from the command line and from the objects of a pipeline.</summary>
public abstract class InputCmdlet : RoleCmdlet
{
    // What a function finds in $_.
    private static readonly MethodInfo CurrentObject = typeof(InternalCommand)
        .GetProperty("CurrentPipelineObject", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)!
        .GetMethod!;

    // Parameters that say whose credentials are meant.
    private static readonly string[] IdentityParameters =
    [
        "RoleArn",
        "ProfileName",
        "RoleName",
        "AccountId",
        "SourceProfile",
        "Credential",
        "AccessKey",
        "SecretKey",
    ];

    private HashSet<string> commandLine = [];
    private bool isInRecord;

    /// <summary>The parameters of this record that were given, from the command line or the pipeline. An empty one was not given.</summary>
    internal Hashtable Given
    {
        get
        {
            var given = new Hashtable(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, value) in MyInvocation.BoundParameters)
                if (IsGiven(name, value))
                    given[name] = value;
            return given;
        }
    }

    /// <summary>The object that the pipeline brought, or null.</summary>
    internal object? Input => MyInvocation.ExpectingInput ? CurrentObject.Invoke(this, null) : null;

    /// <summary>Whether an error in one of many records leaves the others.</summary>
    internal bool ContinuesAfterErrors => isInRecord && IsForMany;

    /// <summary>The parameter at the first position, which takes the name of a profile as well as the ARN of a role.</summary>
    internal virtual string PositionalName => "RoleArn";

    internal bool IsOnCommandLine(string parameter) => commandLine.Contains(parameter);

    /// <summary>Whether the value was given by its position, without the parameter's name.</summary>
    internal bool IsPositional(string parameter) =>
        MyInvocation.BoundParameters.GetType().GetProperty("BoundPositionally")?.GetValue(MyInvocation.BoundParameters)
            is IEnumerable<string> names
        && names.Contains(parameter, StringComparer.OrdinalIgnoreCase);

    protected override void BeginProcessing()
    {
        commandLine = new HashSet<string>(MyInvocation.BoundParameters.Keys, StringComparer.OrdinalIgnoreCase);
        foreach (var name in IdentityParameters)
        {
            // An empty variable on the command line is a mistake: to go on would be to act as somebody whom the user did not name.
            if (!commandLine.Contains(name) || !OptionalAttribute.IsEmpty(MyInvocation.BoundParameters[name]))
                continue;
            throw ThrowTerminating(
                name == "Credential" ? "CredentialInvalid" : "ParameterConflict",
                $"-{name} is empty.",
                $"Check the variable that -{name} was given. To use other credentials, leave -{name} out.",
                name
            );
        }
    }

    protected sealed override void ProcessRecord()
    {
        isInRecord = true;
        try
        {
            ProcessInput();
        }
        catch (RecordRefusedException refused)
        {
            WriteError(refused.Record);
        }
        finally
        {
            isInRecord = false;
            // PowerShell keeps what one object bound among the bound parameters when the next object does not bind it.
            foreach (var name in MyInvocation.BoundParameters.Keys.ToArray())
                if (!commandLine.Contains(name))
                    MyInvocation.BoundParameters.Remove(name);
        }
    }

    private protected abstract void ProcessInput();

    /// <summary>Whether the cmdlet processes many records, each by itself.</summary>
    private protected virtual bool IsForMany => false;

    private protected virtual bool IsGiven(string parameter, object? value) => !OptionalAttribute.IsEmpty(value);

    /// <summary>One failure of many is an error of its own. A single one ends the cmdlet: docs/decisions/0003.</summary>
    private protected void ReportError(ErrorRecord record)
    {
        if (IsForMany)
            WriteError(record);
        else
            ThrowTerminatingError(record);
    }
}
