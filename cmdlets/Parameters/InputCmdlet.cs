using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Reflection;

namespace RoleCredentials;

/// <summary>A cmdlet that takes parameters from the command line and from pipeline objects.</summary>
public abstract class InputCmdlet : RoleCmdlet
{
    // The value of $_ in a function.
    private static readonly MethodInfo CurrentObject = typeof(InternalCommand)
        .GetProperty("CurrentPipelineObject", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)!
        .GetMethod!;

    private HashSet<string> commandLine = [];
    private bool isInRecord;

    /// <summary>
    /// A file to read profiles from instead of ~/.aws/credentials, in the same format. A file 'config' in the same folder is read too.
    /// Default: the files named by AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, or ~/.aws/credentials and ~/.aws/config.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ProfilesLocation", "AWSProfilesLocation")]
    [Optional]
    public string? ProfileLocation { get; set; }

    /// <summary>The parameters given for this record, on the command line or by the pipeline. Empty values count as not given.</summary>
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

    /// <summary>The current pipeline object, or null.</summary>
    internal object? Input => MyInvocation.ExpectingInput ? CurrentObject.Invoke(this, null) : null;

    /// <summary>The parameter at position 0, which takes a profile name or a role ARN.</summary>
    internal virtual string PositionalName => "RoleArn";

    /// <summary>Whether the cmdlet assumes the role, which needs a source.</summary>
    internal virtual bool UsesSource => true;

    internal bool IsOnCommandLine(string parameter) => commandLine.Contains(parameter);

    /// <summary>Whether the value was given by position, without the parameter's name.</summary>
    internal bool IsPositional(string parameter) =>
        MyInvocation.BoundParameters.GetType().GetProperty("BoundPositionally")?.GetValue(MyInvocation.BoundParameters)
            is IEnumerable<string> names
        && names.Contains(parameter, StringComparer.OrdinalIgnoreCase);

    /// <summary>Removes what a pipeline object gave, and keeps what the command line gave.</summary>
    internal void DropInput(Hashtable given, params string[] names)
    {
        foreach (var name in names)
            if (!IsOnCommandLine(name))
                given.Remove(name);
    }

    /// <summary>Removes everything that a pipeline object gave, except for these parameters.</summary>
    internal void KeepOfInput(Hashtable given, params string[] names) => DropInput(given, [.. given.Keys.Cast<string>().Except(names)]);

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        commandLine = new HashSet<string>(MyInvocation.BoundParameters.Keys, StringComparer.OrdinalIgnoreCase);
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
            // PowerShell keeps a parameter bound from one object when the next object does not bind it.
            foreach (var name in MyInvocation.BoundParameters.Keys.ToArray())
                if (!commandLine.Contains(name))
                    MyInvocation.BoundParameters.Remove(name);
        }
    }

    private protected abstract void ProcessInput();

    /// <summary>Ends the cmdlet, or only the current record if the cmdlet goes on with the next one after an error.</summary>
    internal override Exception ThrowTerminating(ErrorRecord record) =>
        isInRecord && IsForMany ? new RecordRefusedException(record) : base.ThrowTerminating(record);

    /// <summary>Ends the cmdlet, because a parameter would have no effect.</summary>
    internal Exception ThrowIdle(string parameter, string why, string action) =>
        ThrowConflict($"-{parameter} {why}.", $"{action}, or omit -{parameter}.", $"-{parameter}");

    /// <summary>Whether the cmdlet processes many roles or records independently.</summary>
    private protected virtual bool IsForMany => false;

    private protected virtual bool IsGiven(string parameter, object? value) => !GivenValue.IsEmpty(value);

    /// <summary>Sends a request and returns its result, or null after an error that leaves the others of many to do.</summary>
    internal TResult? TryAsk<TParams, TResult>(Method<TParams, TResult> method, TParams parameters, IDictionary? environment = null)
        where TParams : RequestParams
        where TResult : Message
    {
        var answered = Request(method, parameters, environment);
        if (answered.ErrorRecord is not null)
            ReportError(answered.ErrorRecord);
        return answered.Result;
    }

    /// <summary>Writes an error for one of many, and ends the cmdlet for a single one: docs/decisions/0003.</summary>
    internal void ReportError(ErrorRecord record)
    {
        if (IsForMany)
            WriteError(record);
        else
            ThrowTerminatingError(record);
    }
}

/// <summary>Ends the processing of one pipeline record. InputCmdlet writes the error.</summary>
internal sealed class RecordRefusedException(ErrorRecord record) : Exception
{
    internal ErrorRecord Record { get; } = record;
}
