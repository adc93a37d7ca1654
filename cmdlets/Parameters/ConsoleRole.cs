namespace RoleCredentials;

/// <summary>Names the role of a console in a request: the given one, else the entered one, else one that the user chooses.</summary>
internal static class ConsoleRole
{
    /// <summary>
    /// Adds the role to the request for a Switch Role link. The link needs only the role's name, so the ARN of a pipeline object is enough.
    /// Returns false if the user cancels the choice.
    /// </summary>
    internal static bool TryAdd(InputCmdlet cmdlet, RoleInput input, SwitchRoleParams request)
    {
        var (given, role) = (input.Request, input.Roles[0]);
        if (
            SourceCredentials.TextOf(input.Object, "RoleArn") is { } arn
            && !cmdlet.IsOnCommandLine("RoleArn")
            && !cmdlet.IsOnCommandLine("ProfileName")
            && !cmdlet.IsOnCommandLine("RoleName")
        )
            request.RoleArn = arn;
        else if (input.IsCredentials)
            throw cmdlet.ThrowTerminating(
                "SigninNeedsRole",
                "The credentials in the pipeline do not name their role.",
                "Pass -SignIn to sign in with them.",
                "Credential"
            );
        else
        {
            request.RoleArn = role.RoleArn;
            request.ProfileName = role.ProfileName;
            request.RoleName = role.RoleName;
            request.Account = role.AccountId;
        }
        request.SsoSession = given.SsoSession;
        request.StartUrl = given.StartUrl;
        request.SsoRegion = given.SsoRegion;
        if (request.ProfileName is not null || cmdlet.IsOnCommandLine("ProfileLocation"))
            request.ProfileLocation = given.ProfileLocation;
        if (request.RoleName is not null || cmdlet.IsOnCommandLine("Region"))
            request.Region = given.Region;
        if (role.IsEmpty && request.RoleArn is null)
            request.RoleArn = Entered()?.RoleArn ?? RoleSelection.OfUsed(cmdlet)?.RoleArn;
        return !role.IsEmpty || request.RoleArn is not null;
    }

    /// <summary>Adds a role to the request for a signed-in link if it names none. Returns its name, or null if the user cancels.</summary>
    internal static string? Add(InputCmdlet cmdlet, SignInParams request) =>
        View.Text(request.ProfileName)
        ?? View.Text(request.RoleArn)
        ?? View.Text(request.RoleName)
        ?? (request.Credentials is null ? AddEnteredOrUsed(cmdlet, request) : "the given credentials");

    private static string? AddEnteredOrUsed(InputCmdlet cmdlet, SignInParams request)
    {
        if (Entered() is { } frame)
        {
            // Sign in with the session's current credentials instead of assuming the role again.
            request.Credentials = SourceCredentials.From(cmdlet, frame.Credentials);
            request.Chained = frame.IsChained;
            request.Partition = frame.RoleArn?.Split(':')[1];
            request.Region ??= frame.Region;
            return frame.Name;
        }
        if (RoleSelection.OfUsed(cmdlet) is not { } used)
            return null;
        request.ProfileName = View.Text(used.ProfileName);
        if (request.ProfileName is null)
            request.RoleArn = used.RoleArn;
        request.SourceProfile = View.Text(used.SourceProfile);
        return used.RoleArn;
    }

    private static RoleFrame? Entered()
    {
        var frames = RoleStack.Frames;
        return RoleStack.OwnCount(frames) is > 0 and var count ? frames[count - 1] : null;
    }
}
