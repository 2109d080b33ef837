{
    NAME "What became of the jobs of this printer"
    OPERATION Get-Jobs
    GROUP operation-attributes-tag
    ATTR charset attributes-charset utf-8
    ATTR naturalLanguage attributes-natural-language en
    ATTR uri printer-uri $uri
    ATTR name requesting-user-name $user
    ATTR keyword which-jobs all
    # job-sheets is in the job's file alone: asked for it, CUPS reads the file, and knows the name of a job that it
    # finished more than a second ago. Without it the name comes back empty.
    ATTR keyword requested-attributes job-id,job-name,job-sheets,job-state
    STATUS successful-ok
    DISPLAY job-id
    DISPLAY job-name
    DISPLAY job-state
}
