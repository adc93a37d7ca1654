using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A change of the AWS files, which -WhatIf shows and -Confirm confirms.</summary>
internal static class ProfileChange
{
    /// <summary>Plans the change, and makes it if the user agrees. Returns whether the target is as the input describes it.</summary>
    /// <param name="cmdlet">The cmdlet that makes the change.</param>
    /// <param name="request">Sends the request; true plans only.</param>
    /// <param name="target">What changes: <c>profile 'prod'</c>.</param>
    /// <param name="what">The change in words.</param>
    internal static bool Make<TParams>(
        InputCmdlet cmdlet,
        Func<bool, CoreRequest<TParams, FileChanges>> request,
        string target,
        string what
    )
        where TParams : RequestParams
    {
        // Plan the change first, so that invalid input is reported before the confirmation, and with -WhatIf too.
        var planned = request(true);
        if (planned.ErrorRecord is not null)
        {
            cmdlet.ReportError(planned.ErrorRecord);
            return false;
        }
        var files = planned.Result!.Files;
        if (files.Length == 0)
        {
            cmdlet.WriteStep($"{char.ToUpperInvariant(target[0])}{target[1..]} is already up to date.");
            return true;
        }
        if (!cmdlet.ShouldProcess($"{target} in {string.Join(", ", files)}", what))
            return false;
        var done = request(false);
        if (done.ErrorRecord is not null)
        {
            cmdlet.ReportError(done.ErrorRecord);
            return false;
        }
        foreach (var file in done.Result!.Files)
            cmdlet.WriteStep($"Changed {file}.");
        foreach (var warning in done.Result.Warnings)
            cmdlet.WriteWarning(warning);
        return true;
    }
}
