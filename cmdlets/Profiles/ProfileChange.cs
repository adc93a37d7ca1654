using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A change of the AWS files, which -WhatIf shows and -Confirm confirms.</summary>
internal static class ProfileChange
{
    /// <summary>Plans the change, and makes it if the user agrees. Returns whether the target is as the input describes it.</summary>
    /// <param name="cmdlet">The cmdlet that makes the change.</param>
    /// <param name="ask">Sends the request; true plans only.</param>
    /// <param name="target">What changes: <c>profile 'prod'</c>.</param>
    /// <param name="what">The change in words.</param>
    internal static bool Make(InputCmdlet cmdlet, Func<bool, FileChanges?> ask, string target, string what)
    {
        // Plan the change first, so that invalid input is reported before the confirmation, and with -WhatIf too.
        if (ask(true)?.Files is not { } files)
            return false;
        if (files.Length == 0)
        {
            cmdlet.WriteStep($"{char.ToUpperInvariant(target[0])}{target[1..]} is already up to date.");
            return true;
        }
        if (!cmdlet.ShouldProcess($"{target} in {string.Join(", ", files)}", what) || ask(false) is not { } done)
            return false;
        foreach (var file in done.Files)
            cmdlet.WriteStep($"Changed {file}.");
        foreach (var warning in done.Warnings)
            cmdlet.WriteWarning(warning);
        return true;
    }
}
